import { Page } from "../ui";

export default function Coming() {
  return <Page title="authorization">{null}</Page>;
}
