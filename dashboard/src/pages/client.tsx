import { Page } from "../ui";

export default function Coming() {
  return <Page title="client">{null}</Page>;
}
