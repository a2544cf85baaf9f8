export const diagnostics = {};
