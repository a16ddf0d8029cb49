import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
} from '@nestjs/common';
import { JobLookupError } from 'nestjs-apscheduler';
import { type Reminder, RemindersService } from './reminders.service.js';

@Controller('users/:user/reminders')
export class RemindersController {
  constructor(private readonly reminders: RemindersService) {}

  @Post()
  add(@Param('user') user: string, @Body() body: { text?: unknown; inSeconds?: unknown } = {}): Promise<Reminder> {
    const { text, inSeconds } = body;
    if (typeof text !== 'string') throw new BadRequestException('text must be a string');
    if (typeof inSeconds !== 'number' || !(inSeconds >= 0 && inSeconds <= 366 * 86_400)) {
      throw new BadRequestException('inSeconds must be a number from 0 to a year');
    }
    return this.reminders.remind(user, text, new Date(Date.now() + inSeconds * 1000));
  }

  @Get()
  list(@Param('user') user: string): Promise<Reminder[]> {
    return this.reminders.of(user);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('user') user: string, @Param('id') id: string): Promise<void> {
    try {
      await this.reminders.forget(user, id);
    } catch (error) {
      throw error instanceof JobLookupError ? new NotFoundException('No such reminder') : error;
    }
  }
}
