import { render } from "preact";

render(<h1>Relais</h1>, document.getElementById("app")!);
