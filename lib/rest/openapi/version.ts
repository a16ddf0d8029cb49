/** The version of this package, which the document carries. Not read from package.json: a bundle has none. */
export const PACKAGE_VERSION = '0.1.0';
