import type { websocket as English } from "../en/websocket";

export const websocket: typeof English = {};
