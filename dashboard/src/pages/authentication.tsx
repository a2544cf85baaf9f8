import { Page } from "../ui";

export default function Coming() {
  return <Page title="authentication">{null}</Page>;
}
