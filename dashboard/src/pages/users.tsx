import { Page } from "../ui";

export default function Coming() {
  return <Page title="users">{null}</Page>;
}
