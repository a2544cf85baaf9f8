import { Page } from "../ui";

export default function Coming() {
  return <Page title="rewrite">{null}</Page>;
}
