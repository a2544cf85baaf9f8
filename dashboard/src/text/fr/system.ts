import type { system as English } from "../en/system";

export const system: typeof English = {};
