import { Page } from "../ui";

export default function Coming() {
  return <Page title="topic-metrics">{null}</Page>;
}
