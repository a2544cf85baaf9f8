import { Page } from "../ui";

export default function Coming() {
  return <Page title="drops">{null}</Page>;
}
