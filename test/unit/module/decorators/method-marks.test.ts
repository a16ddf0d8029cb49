import { describe, expect, it } from 'vitest';
import { MethodMarks } from '../../../../lib/module/decorators/method-marks.js';

const marks = new MethodMarks<string>();

/** A decorator of anything, as JavaScript allows it. */
const mark =
  (value: string) =>
  (target: object, key: string | symbol, descriptor?: PropertyDescriptor): void =>
    marks.add(target, key, descriptor, value);

const valuesOf = (type: { prototype: object }): readonly string[] => marks.of(type.prototype).map(({ value }) => value);

class Base {
  @mark('base.kept')
  kept(): void {}

  @mark('base.overridden')
  overridden(): void {}
}

class Left extends Base {
  @mark('left.overridden')
  override overridden(): void {}
}

class Right extends Base {
  override overridden(): void {}

  @mark('right.first 1')
  @mark('right.first 2')
  first(): void {}

  @mark('right.second')
  second(): void {}
}

class LeftLeft extends Left {}

describe('MethodMarks', () => {
  it('keeps methods in the order they are written in, and the marks of one method too', () => {
    expect(valuesOf(Right)).toEqual(['right.first 1', 'right.first 2', 'right.second', 'base.kept']);
  });

  it('inherits the marks of a method that is not overridden', () => {
    expect(valuesOf(Base)).toEqual(['base.kept', 'base.overridden']);
    expect(valuesOf(Left)).toContain('base.kept');
  });

  it('takes the marks of an override, and none of what it overrides', () => {
    expect(valuesOf(Left)).toEqual(['left.overridden', 'base.kept']);
    expect(valuesOf(LeftLeft)).toEqual(valuesOf(Left));
  });

  it('does not leak marks to sibling classes', () => {
    expect(valuesOf(Left)).not.toContain('right.second');
    expect(valuesOf(Base)).not.toContain('left.overridden');
  });

  it('survives a decorator further up that replaces the method', () => {
    const wrap = (_target: object, _key: string, descriptor: PropertyDescriptor): PropertyDescriptor => ({
      ...descriptor,
      value: () => 'wrapped',
    });
    class Wrapped {
      @wrap
      @mark('wrapped')
      run(): string {
        return 'plain';
      }
    }
    expect(new Wrapped().run()).toBe('wrapped');
    expect(valuesOf(Wrapped)).toEqual(['wrapped']);
  });

  it('says why a mark on anything but a method of instances cannot work', () => {
    class Misused {
      @mark('static')
      static run(): void {}

      @mark('accessor')
      get accessor(): () => void {
        return () => undefined;
      }

      @mark('property')
      property = (): void => undefined;
    }
    class Heir extends Misused {}
    const problems = Object.fromEntries(marks.of(Heir.prototype).map(({ value, problem }) => [value, problem]));
    expect(problems).toEqual({
      static: expect.stringContaining('stands on a static method'),
      accessor: expect.stringContaining('stands on an accessor'),
      property: expect.stringContaining('stands on a property'),
    });
  });

  it('finds nothing on a class without marks, and does not look at getters', () => {
    class Plain {
      get trap(): never {
        throw new Error('looked at');
      }
    }
    expect(valuesOf(Plain)).toEqual([]);
    expect(marks.of(Object.create(null) as object)).toEqual([]);
  });
});
