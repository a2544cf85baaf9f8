import "@fontsource-variable/inter/wght.css";
import "./ui/tokens.css";
import "./ui/ui.css";
import "./frame/frame.css";
import { render } from "preact";
import { askTabs } from "./api/session";
import { followWhileSignedIn } from "./api/live";
import { askWho } from "./api/who";
import { App } from "./frame/App";
import { loadLanguage } from "./text";
import { drawTheme } from "./theme";

drawTheme();
followWhileSignedIn();
await Promise.all([loadLanguage(), askTabs()]);
void askWho();
render(<App />, document.getElementById("app")!);
