import type { clients as English } from "../en/clients";

export const clients: typeof English = {};
