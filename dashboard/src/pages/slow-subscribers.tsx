import { Page } from "../ui";

export default function Coming() {
  return <Page title="slow-subscribers">{null}</Page>;
}
