"""A time-stamping authority for tests, written with another library than the reader's."""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from provenance.digests import digest
from provenance.trust.devpki import DevCredential

__all__ = ["LocalAuthority"]


@dataclass(frozen=True)
class LocalAuthority:
    """Answers a request at once; `at` is what it says the time is."""

    credential: DevCredential
    at: datetime | None = None
    status: str = "granted"

    def stamp(self, request: bytes) -> bytes:
        """See `provenance.trust.tsa.Authority`."""
        asked = tsp.TimeStampReq.load(request)
        now = (self.at or datetime.now(UTC)).replace(microsecond=0)
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4.5",
                "message_imprint": asked["message_imprint"],
                "serial_number": 4711,
                "gen_time": now,
                "accuracy": tsp.Accuracy({"seconds": 1}),
                "nonce": asked["nonce"].native,
            }
        )
        response = tsp.TimeStampResp(
            {
                "status": tsp.PKIStatusInfo({"status": self.status}),
                "time_stamp_token": self._token(info.dump()),
            }
        )
        return bytes(response.dump())

    def _token(self, info: bytes) -> cms.ContentInfo:
        certificates = [x509.Certificate.load(one) for one in self.credential.chain]
        leaf = certificates[0]
        named = tsp.ESSCertIDv2({"cert_hash": digest(self.credential.chain[0], "sha256")})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [digest(info, "sha256")]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [tsp.SigningCertificateV2({"certs": [named]})],
                    }
                ),
            ]
        )
        key = self.credential.key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        signature = key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": {
                            "issuer": leaf.issuer,
                            "serial_number": leaf.serial_number,
                        }
                    }
                ),
                "digest_algorithm": sha256,
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": signature,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(info),
                },
                "certificates": certificates,
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})
