/** Messages: retained, delayed, dropped, counted, and what is in them. */
export const messages = {
  payloadAs: "Show the payload as",
  payloadViews: { text: "Text", json: "JSON", hex: "Hex", base64: "Base64" },
  copyPayload: "Copy the payload",
  noPayload: "The payload is empty.",
  payloadCut: "Only the beginning is shown; all of it is copied.",
};
