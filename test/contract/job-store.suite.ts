export { jobRecord as record } from '../../lib/testing/conformance/sample-jobs.js';
