import type { Text } from "..";
import { access } from "./access";
import { clients } from "./clients";
import { common } from "./common";
import { diagnostics } from "./diagnostics";
import { frame } from "./frame";
import { messages } from "./messages";
import { overview } from "./overview";
import { system } from "./system";
import { topics } from "./topics";
import { websocket } from "./websocket";

export const fr: Text = { access, clients, common, diagnostics, frame, messages, overview, system, topics, websocket };
