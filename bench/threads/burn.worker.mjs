import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { threadWorker } from '../dist/executors/threads/index.js';
import { Task } from '../dist/index.js';

/** Keeps its thread busy. */
export class BurnService {
  burn(forMs) {
    const end = performance.now() + forMs;
    let sum = 0;
    while (performance.now() < end) for (let n = 0; n < 10_000; n++) sum += Math.sqrt(n);
    return sum > 0;
  }
}
Injectable()(BurnService);
Task('burn')(BurnService.prototype, 'burn', Object.getOwnPropertyDescriptor(BurnService.prototype, 'burn'));

class BurnModule {}
Module({ providers: [BurnService] })(BurnModule);

// eslint-disable-next-line import/no-default-export -- it is what the threads of the executor load
export default threadWorker(BurnModule);
