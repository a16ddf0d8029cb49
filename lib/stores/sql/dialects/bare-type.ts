import type { ColumnType } from './sql-dialect.js';

/** A column's type without the mark that it may be null. */
export const bareType = (type: ColumnType | `${ColumnType}?`): ColumnType => type.replace('?', '') as ColumnType;
