const secretMembers = new WeakMap<object, Set<string>>();

/**
 * Marks a member of a task's arguments as secret: the REST API shows its value only to actors with `secrets.read`,
 * and `GET /tasks` lists it as `writeOnly`.
 *
 * @example
 * class MailArgs {
 *   @IsString() to!: string;
 *   @Secret() @IsString() password!: string;
 * }
 */
export function Secret(): (target: object, member: string) => void {
  return (target, member) => {
    const members = secretMembers.get(target) ?? new Set();
    secretMembers.set(target, members.add(member));
  };
}

/** Whether a class, or one that it extends, marks a member as secret. */
export function isSecret(prototype: object | null, member: string): boolean {
  if (prototype === null) return false;
  return (
    secretMembers.get(prototype)?.has(member) === true || isSecret(Object.getPrototypeOf(prototype) as object, member)
  );
}
