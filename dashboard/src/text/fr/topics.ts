import type { topics as English } from "../en/topics";

export const topics: typeof English = {};
