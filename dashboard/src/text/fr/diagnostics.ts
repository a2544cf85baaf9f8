import type { diagnostics as English } from "../en/diagnostics";

export const diagnostics: typeof English = {};
