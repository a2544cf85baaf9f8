package io.relais.broker.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.relais.broker.access.CertificateName;
import io.relais.broker.access.Client;
import io.relais.broker.access.Grant;
import io.relais.broker.listener.Authority.Issued;
import io.relais.protocol.ProtocolVersion;
import java.net.InetSocketAddress;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;

class CertificateNameTest {
  private final Authority authority = new Authority("Tests");

  @Test
  void each_kind_of_name_is_found_and_the_first_of_several_counts() {
    Issued full =
        authority.issue(
            new X500Name("O=Works,CN=press-7"),
            new GeneralName(GeneralName.dNSName, "press-7.example.com"),
            new GeneralName(GeneralName.dNSName, "other.example.com"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "urn:dev:press-7"),
            new GeneralName(GeneralName.rfc822Name, "press@example.com"));

    assertThat(CertificateName.COMMON_NAME.of(full.certificate())).isEqualTo("press-7");
    assertThat(CertificateName.DNS.of(full.certificate())).isEqualTo("press-7.example.com");
    assertThat(CertificateName.URI.of(full.certificate())).isEqualTo("urn:dev:press-7");
    assertThat(CertificateName.EMAIL.of(full.certificate())).isEqualTo("press@example.com");
    assertThat(CertificateName.NONE.of(full.certificate())).isNull();
  }

  @Test
  void a_certificate_without_such_a_name_gives_none() {
    Issued bare = authority.issue(new X500Name("O=Works"));
    Issued addressOnly =
        authority.issue(
            new X500Name("O=Works"), new GeneralName(GeneralName.iPAddress, "127.0.0.1"));

    for (CertificateName kind : CertificateName.values()) {
      assertThat(kind.of(bare.certificate())).isNull();
      assertThat(kind.of(addressOnly.certificate())).isNull();
      assertThat(kind.of(null)).isNull();
    }
  }

  @Test
  void organizational_units_are_groups_beside_those_that_a_source_told() {
    Issued inUnits = authority.issue(new X500Name("O=Works,OU=presses,OU=night,CN=press-7"));
    Client client =
        new Client(
            "c",
            "press-7",
            ProtocolVersion.MQTT_5,
            new InetSocketAddress(1),
            inUnits.certificate(),
            "tls",
            false);

    assertThat(client.groups()).containsExactlyInAnyOrder("presses", "night");
    assertThat(client.with("press-7", Grant.NONE.ofUserIn(List.of("staff"))).groups())
        .containsExactlyInAnyOrder("presses", "night", "staff");
  }
}
