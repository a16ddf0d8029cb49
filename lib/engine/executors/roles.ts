import { InvalidInputError, type Fault } from '../errors.js';
import { executesRunsOf, type NodeRoles } from '../model/node-roles.js';
import type { Executor } from './executor.js';

/** What a scheduler does of the work of all nodes, by its roles and its executors. */
export class Roles {
  constructor(
    readonly given: NodeRoles,
    private readonly executors: ReadonlyMap<string, Executor>,
  ) {}

  /** Whether it declares jobs, and hands over runs. */
  get schedules(): boolean {
    return this.given.schedule;
  }

  /** Whether it claims the runs of an executor: to carry them out here, or to hand them over. */
  takes(executor: string): boolean {
    if (this.executors.get(executor)?.handsOver) return this.given.schedule;
    return executesRunsOf(this.given, executor);
  }

  /** The executors whose runs it claims; undefined if that is not limited: then it also sees which jobs wait for an executor that it lacks. */
  get taken(): readonly string[] | undefined {
    const all = [...this.executors.keys()];
    const taken = all.filter((alias) => this.takes(alias));
    return this.given.execute === true && taken.length === all.length ? undefined : taken;
  }

  /** Whether it leaves runs of some executors to other nodes. */
  get areLimited(): boolean {
    return this.taken !== undefined;
  }

  /** @throws InvalidInputError naming each executor that it cannot carry out runs of. */
  assertKnown(): void {
    const { execute } = this.given;
    const faults = typeof execute === 'boolean' ? [] : execute.flatMap((alias) => this.faultOf(alias) ?? []);
    if (faults.length > 0) throw new InvalidInputError('Invalid scheduler', faults);
  }

  private faultOf(alias: string): Fault | undefined {
    const executor = this.executors.get(alias);
    if (executor && !executor.handsOver) return undefined;
    const problem = executor
      ? `has "${alias}", whose runs leave the process: a node with roles.schedule hands them over, and none carries them out`
      : `has "${alias}", which is not known; known are ${[...this.executors.keys()].join(', ')}`;
    return { field: 'roles.execute', problem };
  }
}
