import type { messages as English } from "../en/messages";

export const messages: typeof English = {
  payloadAs: "Afficher le contenu en",
  payloadViews: { text: "Texte", json: "JSON", hex: "Hexa", base64: "Base64" },
  copyPayload: "Copier le contenu",
  noPayload: "Le contenu est vide.",
  payloadCut: "Seul le début est affiché ; la copie prend tout.",
};
