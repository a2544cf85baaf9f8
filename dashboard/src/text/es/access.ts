import type { access as English } from "../en/access";

export const access: typeof English = {};
