import { Page } from "../ui";

export default function Coming() {
  return <Page title="retained">{null}</Page>;
}
