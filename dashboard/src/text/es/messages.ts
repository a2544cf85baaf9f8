import type { messages as English } from "../en/messages";

export const messages: typeof English = {
  payloadAs: "Mostrar el contenido como",
  payloadViews: { text: "Texto", json: "JSON", hex: "Hex", base64: "Base64" },
  copyPayload: "Copiar el contenido",
  noPayload: "El contenido está vacío.",
  payloadCut: "Solo se muestra el principio; la copia lo incluye todo.",
};
