import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDate,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { expect, it } from 'vitest';
import { jsonSchemaOf } from '../../../lib/arguments/json-schema.js';
import { nullable } from '../../../lib/arguments/nullable-schema.js';
import { amendSchema } from '../../../lib/arguments/schema-amendments.js';
import { Secret } from '../../../lib/arguments/secret.decorator.js';
import { withoutSecrets, type JsonSchema } from '../../../lib/engine/model/argument-schema.js';

enum Format {
  Pdf = 'pdf',
  Html = 'html',
}

class Address {
  @IsString() @MaxLength(80) street!: string;
  @IsOptional() @ValidateNested() @Type(() => Address) previous?: Readonly<Address>;
}

class BaseArgs {
  @IsInt() @Min(1) @Max(10) customer!: number;
  @Secret() @IsString() password!: string;
}

class InvoiceArgs extends BaseArgs {
  @IsEmail() @IsOptional() mail?: string;
  @IsEnum(Format) format!: Format;
  @IsIn(['a', 1]) kind!: 'a' | 1;
  @IsArray() @ArrayMaxSize(3) @IsString({ each: true }) tags!: string[];
  @ValidateNested() @Type(() => Address) address!: Address;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Address) others!: Address[];
  @IsDate() @Type(() => Date) due!: Date;
  @Matches(/^[a-z]+$/) word!: string;
  @IsBoolean() urgent = false;
  @ValidateBy({ name: 'own', validator: { validate: () => true } }) own!: unknown;
}

it('describes the members of a class and of the classes that it extends and has', () => {
  const schema = jsonSchemaOf(InvoiceArgs) as { properties: Record<string, Record<string, unknown>> };
  const { address, others, ...rest } = schema.properties;
  expect(rest).toEqual({
    customer: { type: 'integer', minimum: 1, maximum: 10 },
    password: { type: 'string', writeOnly: true, 'x-secret': true },
    mail: { type: 'string', format: 'email' },
    format: { enum: ['pdf', 'html'] },
    kind: { enum: ['a', 1] },
    tags: { type: 'array', maxItems: 3, items: { type: 'string' } },
    due: { type: 'string', format: 'date-time' },
    word: { pattern: '^[a-z]+$' },
    urgent: { type: 'boolean' },
    own: {},
  });
  expect(address).toMatchObject({ type: 'object', properties: { street: { type: 'string', maxLength: 80 } } });
  expect(others).toMatchObject({ type: 'array', items: { required: ['street'], additionalProperties: false } });
  expect(new Set(schema['required' as keyof typeof schema] as unknown as string[])).toEqual(
    new Set(Object.keys(schema.properties).filter((name) => name !== 'mail' && name !== 'urgent')),
  );
});

it('ends where a class has itself as a member, and can be written as JSON', () => {
  expect(JSON.stringify(jsonSchemaOf(Address)).length).toBeLessThan(2_000);
});

it('hides what is secret, nested members too, and nothing else', () => {
  class Account {
    @Secret() @IsString() token!: string;
    @IsString() name!: string;
  }
  class Args extends BaseArgs {
    @ValidateNested({ each: true }) @Type(() => Account) accounts!: Account[];
  }
  const kwargs = { customer: 3, password: 'p', accounts: [{ token: 't', name: 'n' }], unknown: { token: 'u' } };
  expect(withoutSecrets(kwargs, jsonSchemaOf(Args))).toEqual({
    customer: 3,
    password: '***',
    accounts: [{ token: '***', name: 'n' }],
    unknown: { token: 'u' },
  });
  expect(kwargs.password).toBe('p');
  expect(withoutSecrets({ customer: 3 }, jsonSchemaOf(Args))).toEqual({ customer: 3 });
});

it('does not require what is merely allowed', () => {
  class Args {
    @IsString() name!: string;
    @Allow() other?: unknown;
  }
  expect(jsonSchemaOf(Args)).toMatchObject({ required: ['name'], properties: { other: {} } });
});

it('is amended by decorators of our own, those of a class that is extended first', () => {
  class Args {
    @IsString() name!: string;
  }
  class MoreArgs extends Args {}
  amendSchema(MoreArgs.prototype, 'name', nullable);
  amendSchema(Args.prototype, 'name', (schema) => ({ ...schema, maxLength: 3 }));
  expect(jsonSchemaOf(Args)).toMatchObject({ properties: { name: { type: 'string', maxLength: 3 } } });
  expect(jsonSchemaOf(MoreArgs)).toMatchObject({ properties: { name: { type: ['string', 'null'], maxLength: 3 } } });
});

it.each<[string, JsonSchema, JsonSchema]>([
  ['a type', { type: 'string', description: 'a' }, { type: ['string', 'null'], description: 'a' }],
  ['types with null', { type: ['integer', 'null'] }, { type: ['integer', 'null'] }],
  ['listed values', { type: 'string', enum: ['a'] }, { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }],
  ['a reference', { $ref: '#/a', description: 'a' }, { anyOf: [{ $ref: '#/a' }, { type: 'null' }], description: 'a' }],
  ['several forms', { anyOf: [{ $ref: '#/a' }, { type: 'null' }] }, { anyOf: [{ $ref: '#/a' }, { type: 'null' }] }],
])('may be null: %s', (_, schema, expected) => {
  expect(nullable(schema)).toEqual(expected);
});
