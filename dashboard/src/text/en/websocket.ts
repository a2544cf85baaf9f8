export const websocket = {};
