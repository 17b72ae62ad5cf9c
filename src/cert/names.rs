//! What object identifiers are called, in OpenSSL's spelling, which Python and most tools share.
//!
//! Held here are the types of name attributes, the purposes of keys and the algorithms of
//! signatures, those younger than OpenSSL 3.0 too. What is in none of these tables is looked for in
//! [`objects`], and what is not there either goes by its dotted form, everywhere.

use super::objects;

/// OpenSSL's long name (`commonName`), as Python's `getpeercert()` uses it; else the dotted form.
pub fn long(oid: &str) -> &str {
    let named = || NAMED.iter().flat_map(|table| table.iter());
    let held = named().find(|row| row.0 == oid).map(|row| row.2).or_else(|| algorithm(oid));
    held.or_else(|| objects::by_oid(oid).map(|object| object.long)).unwrap_or(oid)
}

/// OpenSSL's short name of the purpose of a key (`serverAuth`); else the dotted form.
pub fn purpose(oid: &str) -> &str {
    PURPOSES.iter().find(|row| row.0 == oid).map_or(oid, |row| row.1)
}

/// The name of a signature algorithm (`sha256WithRSAEncryption`), as `openssl x509 -text` prints
/// it; else the dotted form.
pub fn signature(oid: &str) -> &str {
    algorithm(oid).unwrap_or(oid)
}

/// The short name of an attribute type in RFC 4514's text: from the table in its §3 (`CN`,
/// `STREET`), else OpenSSL's (`emailAddress`).
pub fn rfc4514(oid: &str) -> Option<&'static str> {
    match ATTRIBUTES.iter().find(|row| row.0 == oid)?.1 {
        // The one name that both have and spell differently.
        "street" => Some("STREET"),
        // OpenSSL's word for uniqueIdentifier: to RFC 4514, where case does not matter, that is
        // userId.
        "uid" => None,
        short => Some(short),
    }
}

fn algorithm(oid: &str) -> Option<&'static str> {
    SIGNATURES.iter().find(|row| row.0 == oid).map(|row| row.1)
}

/// Object identifier, short name, long name.
type Row = (&'static str, &'static str, &'static str);

const NAMED: [&[Row]; 3] = [ATTRIBUTES, PURPOSES, OTHER_NAMES];

/// Types of name attributes.
const ATTRIBUTES: &[Row] = &[
    // X.520
    ("2.5.4.3", "CN", "commonName"),
    ("2.5.4.4", "SN", "surname"),
    ("2.5.4.5", "serialNumber", "serialNumber"),
    ("2.5.4.6", "C", "countryName"),
    ("2.5.4.7", "L", "localityName"),
    ("2.5.4.8", "ST", "stateOrProvinceName"),
    ("2.5.4.9", "street", "streetAddress"),
    ("2.5.4.10", "O", "organizationName"),
    ("2.5.4.11", "OU", "organizationalUnitName"),
    ("2.5.4.12", "title", "title"),
    ("2.5.4.13", "description", "description"),
    ("2.5.4.14", "searchGuide", "searchGuide"),
    ("2.5.4.15", "businessCategory", "businessCategory"),
    ("2.5.4.16", "postalAddress", "postalAddress"),
    ("2.5.4.17", "postalCode", "postalCode"),
    ("2.5.4.18", "postOfficeBox", "postOfficeBox"),
    ("2.5.4.19", "physicalDeliveryOfficeName", "physicalDeliveryOfficeName"),
    ("2.5.4.20", "telephoneNumber", "telephoneNumber"),
    ("2.5.4.21", "telexNumber", "telexNumber"),
    ("2.5.4.22", "teletexTerminalIdentifier", "teletexTerminalIdentifier"),
    ("2.5.4.23", "facsimileTelephoneNumber", "facsimileTelephoneNumber"),
    ("2.5.4.24", "x121Address", "x121Address"),
    ("2.5.4.25", "internationaliSDNNumber", "internationaliSDNNumber"),
    ("2.5.4.26", "registeredAddress", "registeredAddress"),
    ("2.5.4.27", "destinationIndicator", "destinationIndicator"),
    ("2.5.4.28", "preferredDeliveryMethod", "preferredDeliveryMethod"),
    ("2.5.4.29", "presentationAddress", "presentationAddress"),
    ("2.5.4.30", "supportedApplicationContext", "supportedApplicationContext"),
    ("2.5.4.31", "member", "member"),
    ("2.5.4.32", "owner", "owner"),
    ("2.5.4.33", "roleOccupant", "roleOccupant"),
    ("2.5.4.34", "seeAlso", "seeAlso"),
    ("2.5.4.35", "userPassword", "userPassword"),
    ("2.5.4.36", "userCertificate", "userCertificate"),
    ("2.5.4.37", "cACertificate", "cACertificate"),
    ("2.5.4.38", "authorityRevocationList", "authorityRevocationList"),
    ("2.5.4.39", "certificateRevocationList", "certificateRevocationList"),
    ("2.5.4.40", "crossCertificatePair", "crossCertificatePair"),
    ("2.5.4.41", "name", "name"),
    ("2.5.4.42", "GN", "givenName"),
    ("2.5.4.43", "initials", "initials"),
    ("2.5.4.44", "generationQualifier", "generationQualifier"),
    ("2.5.4.45", "x500UniqueIdentifier", "x500UniqueIdentifier"),
    ("2.5.4.46", "dnQualifier", "dnQualifier"),
    ("2.5.4.47", "enhancedSearchGuide", "enhancedSearchGuide"),
    ("2.5.4.48", "protocolInformation", "protocolInformation"),
    ("2.5.4.49", "distinguishedName", "distinguishedName"),
    ("2.5.4.50", "uniqueMember", "uniqueMember"),
    ("2.5.4.51", "houseIdentifier", "houseIdentifier"),
    ("2.5.4.52", "supportedAlgorithms", "supportedAlgorithms"),
    ("2.5.4.53", "deltaRevocationList", "deltaRevocationList"),
    ("2.5.4.54", "dmdName", "dmdName"),
    ("2.5.4.65", "pseudonym", "pseudonym"),
    ("2.5.4.72", "role", "role"),
    ("2.5.4.97", "organizationIdentifier", "organizationIdentifier"),
    ("2.5.4.98", "c3", "countryCode3c"),
    ("2.5.4.99", "n3", "countryCode3n"),
    ("2.5.4.100", "dnsName", "dnsName"),
    // The pilot directories: RFC 1274, today RFC 4519 and RFC 4524
    ("0.9.2342.19200300.100.1.1", "UID", "userId"),
    ("0.9.2342.19200300.100.1.2", "textEncodedORAddress", "textEncodedORAddress"),
    ("0.9.2342.19200300.100.1.3", "mail", "rfc822Mailbox"),
    ("0.9.2342.19200300.100.1.4", "info", "info"),
    ("0.9.2342.19200300.100.1.5", "favouriteDrink", "favouriteDrink"),
    ("0.9.2342.19200300.100.1.6", "roomNumber", "roomNumber"),
    ("0.9.2342.19200300.100.1.7", "photo", "photo"),
    ("0.9.2342.19200300.100.1.8", "userClass", "userClass"),
    ("0.9.2342.19200300.100.1.9", "host", "host"),
    ("0.9.2342.19200300.100.1.10", "manager", "manager"),
    ("0.9.2342.19200300.100.1.11", "documentIdentifier", "documentIdentifier"),
    ("0.9.2342.19200300.100.1.12", "documentTitle", "documentTitle"),
    ("0.9.2342.19200300.100.1.13", "documentVersion", "documentVersion"),
    ("0.9.2342.19200300.100.1.14", "documentAuthor", "documentAuthor"),
    ("0.9.2342.19200300.100.1.15", "documentLocation", "documentLocation"),
    ("0.9.2342.19200300.100.1.20", "homeTelephoneNumber", "homeTelephoneNumber"),
    ("0.9.2342.19200300.100.1.21", "secretary", "secretary"),
    ("0.9.2342.19200300.100.1.22", "otherMailbox", "otherMailbox"),
    ("0.9.2342.19200300.100.1.23", "lastModifiedTime", "lastModifiedTime"),
    ("0.9.2342.19200300.100.1.24", "lastModifiedBy", "lastModifiedBy"),
    ("0.9.2342.19200300.100.1.25", "DC", "domainComponent"),
    ("0.9.2342.19200300.100.1.26", "aRecord", "aRecord"),
    ("0.9.2342.19200300.100.1.27", "pilotAttributeType27", "pilotAttributeType27"),
    ("0.9.2342.19200300.100.1.28", "mXRecord", "mXRecord"),
    ("0.9.2342.19200300.100.1.29", "nSRecord", "nSRecord"),
    ("0.9.2342.19200300.100.1.30", "sOARecord", "sOARecord"),
    ("0.9.2342.19200300.100.1.31", "cNAMERecord", "cNAMERecord"),
    ("0.9.2342.19200300.100.1.37", "associatedDomain", "associatedDomain"),
    ("0.9.2342.19200300.100.1.38", "associatedName", "associatedName"),
    ("0.9.2342.19200300.100.1.39", "homePostalAddress", "homePostalAddress"),
    ("0.9.2342.19200300.100.1.40", "personalTitle", "personalTitle"),
    ("0.9.2342.19200300.100.1.41", "mobileTelephoneNumber", "mobileTelephoneNumber"),
    ("0.9.2342.19200300.100.1.42", "pagerTelephoneNumber", "pagerTelephoneNumber"),
    ("0.9.2342.19200300.100.1.43", "friendlyCountryName", "friendlyCountryName"),
    ("0.9.2342.19200300.100.1.44", "uid", "uniqueIdentifier"),
    ("0.9.2342.19200300.100.1.45", "organizationalStatus", "organizationalStatus"),
    ("0.9.2342.19200300.100.1.46", "janetMailbox", "janetMailbox"),
    ("0.9.2342.19200300.100.1.47", "mailPreferenceOption", "mailPreferenceOption"),
    ("0.9.2342.19200300.100.1.48", "buildingName", "buildingName"),
    ("0.9.2342.19200300.100.1.49", "dSAQuality", "dSAQuality"),
    ("0.9.2342.19200300.100.1.50", "singleLevelQuality", "singleLevelQuality"),
    ("0.9.2342.19200300.100.1.51", "subtreeMinimumQuality", "subtreeMinimumQuality"),
    ("0.9.2342.19200300.100.1.52", "subtreeMaximumQuality", "subtreeMaximumQuality"),
    ("0.9.2342.19200300.100.1.53", "personalSignature", "personalSignature"),
    ("0.9.2342.19200300.100.1.54", "dITRedirect", "dITRedirect"),
    ("0.9.2342.19200300.100.1.55", "audio", "audio"),
    ("0.9.2342.19200300.100.1.56", "documentPublisher", "documentPublisher"),
    // PKCS #9
    ("1.2.840.113549.1.9.1", "emailAddress", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName", "unstructuredName"),
    ("1.2.840.113549.1.9.3", "contentType", "contentType"),
    ("1.2.840.113549.1.9.4", "messageDigest", "messageDigest"),
    ("1.2.840.113549.1.9.5", "signingTime", "signingTime"),
    ("1.2.840.113549.1.9.6", "countersignature", "countersignature"),
    ("1.2.840.113549.1.9.7", "challengePassword", "challengePassword"),
    ("1.2.840.113549.1.9.8", "unstructuredAddress", "unstructuredAddress"),
    ("1.2.840.113549.1.9.9", "extendedCertificateAttributes", "extendedCertificateAttributes"),
    ("1.2.840.113549.1.9.14", "extReq", "Extension Request"),
    ("1.2.840.113549.1.9.15", "SMIME-CAPS", "S/MIME Capabilities"),
    ("1.2.840.113549.1.9.16", "SMIME", "S/MIME"),
    ("1.2.840.113549.1.9.20", "friendlyName", "friendlyName"),
    ("1.2.840.113549.1.9.21", "localKeyID", "localKeyID"),
    // CA/Browser Forum: where an organization is registered
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL", "jurisdictionLocalityName"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST", "jurisdictionStateOrProvinceName"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC", "jurisdictionCountryName"),
    // RFC 3739 (qualified certificates)
    ("1.3.6.1.5.5.7.9.1", "id-pda-dateOfBirth", "id-pda-dateOfBirth"),
    ("1.3.6.1.5.5.7.9.2", "id-pda-placeOfBirth", "id-pda-placeOfBirth"),
    ("1.3.6.1.5.5.7.9.3", "id-pda-gender", "id-pda-gender"),
    ("1.3.6.1.5.5.7.9.4", "id-pda-countryOfCitizenship", "id-pda-countryOfCitizenship"),
    ("1.3.6.1.5.5.7.9.5", "id-pda-countryOfResidence", "id-pda-countryOfResidence"),
    // Russian qualified certificates
    ("1.2.643.3.131.1.1", "INN", "INN"),
    ("1.2.643.100.1", "OGRN", "OGRN"),
    ("1.2.643.100.3", "SNILS", "SNILS"),
    ("1.2.643.100.5", "OGRNIP", "OGRNIP"),
    ("1.2.643.100.111", "subjectSignTool", "Signing Tool of Subject"),
    ("1.2.643.100.112", "issuerSignTool", "Signing Tool of Issuer"),
    ("1.2.643.100.113", "classSignTool", "Class of Signing Tool"),
];

/// Purposes of keys (RFC 5280 §4.2.1.12 and those who added to it).
const PURPOSES: &[Row] = &[
    ("1.3.6.1.5.5.7.3.1", "serverAuth", "TLS Web Server Authentication"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth", "TLS Web Client Authentication"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning", "Code Signing"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection", "E-mail Protection"),
    ("1.3.6.1.5.5.7.3.5", "ipsecEndSystem", "IPSec End System"),
    ("1.3.6.1.5.5.7.3.6", "ipsecTunnel", "IPSec Tunnel"),
    ("1.3.6.1.5.5.7.3.7", "ipsecUser", "IPSec User"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping", "Time Stamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning", "OCSP Signing"),
    ("1.3.6.1.5.5.7.3.10", "DVCS", "dvcs"),
    ("1.3.6.1.5.5.7.3.17", "ipsecIKE", "ipsec Internet Key Exchange"),
    ("1.3.6.1.5.5.7.3.18", "capwapAC", "Ctrl/provision WAP Access"),
    ("1.3.6.1.5.5.7.3.19", "capwapWTP", "Ctrl/Provision WAP Termination"),
    ("1.3.6.1.5.5.7.3.21", "secureShellClient", "SSH Client"),
    ("1.3.6.1.5.5.7.3.22", "secureShellServer", "SSH Server"),
    ("1.3.6.1.5.5.7.3.23", "sendRouter", "Send Router"),
    ("1.3.6.1.5.5.7.3.24", "sendProxiedRouter", "Send Proxied Router"),
    ("1.3.6.1.5.5.7.3.25", "sendOwner", "Send Owner"),
    ("1.3.6.1.5.5.7.3.26", "sendProxiedOwner", "Send Proxied Owner"),
    ("1.3.6.1.5.5.7.3.27", "cmcCA", "CMC Certificate Authority"),
    ("1.3.6.1.5.5.7.3.28", "cmcRA", "CMC Registration Authority"),
    ("1.3.6.1.5.5.7.3.29", "cmcArchive", "CMC Archive Server"),
    ("1.3.6.1.5.5.7.3.30", "id-kp-bgpsec-router", "BGPsec Router"),
    (
        "1.3.6.1.5.5.7.3.31",
        "id-kp-BrandIndicatorforMessageIdentification",
        "Brand Indicator for Message Identification",
    ),
    ("1.3.6.1.5.5.7.3.32", "cmKGA", "Certificate Management Key Generation Authority"),
    ("1.3.6.1.4.1.311.2.1.21", "msCodeInd", "Microsoft Individual Code Signing"),
    ("1.3.6.1.4.1.311.2.1.22", "msCodeCom", "Microsoft Commercial Code Signing"),
    ("1.3.6.1.4.1.311.10.3.1", "msCTLSign", "Microsoft Trust List Signing"),
    ("1.3.6.1.4.1.311.10.3.3", "msSGC", "Microsoft Server Gated Crypto"),
    ("1.3.6.1.4.1.311.10.3.4", "msEFS", "Microsoft Encrypted File System"),
    ("1.3.6.1.4.1.311.20.2.2", "msSmartcardLogin", "Microsoft Smartcard Login"),
    ("1.3.6.1.5.2.3.4", "pkInitClientAuth", "PKINIT Client Auth"),
    ("1.3.6.1.5.2.3.5", "pkInitKDC", "Signing KDC Response"),
    ("2.5.29.37.0", "anyExtendedKeyUsage", "Any Extended Key Usage"),
    ("2.16.840.1.113730.4.1", "nsSGC", "Netscape Server Gated Crypto"),
];

/// Kinds of otherName (RFC 5280 §4.2.1.6).
const OTHER_NAMES: &[Row] = &[
    ("1.3.6.1.4.1.311.20.2.3", "msUPN", "Microsoft User Principal Name"),
    ("1.3.6.1.5.5.7.8.1", "id-on-personalData", "id-on-personalData"),
    ("1.3.6.1.5.5.7.8.3", "id-on-permanentIdentifier", "Permanent Identifier"),
    ("1.3.6.1.5.5.7.8.5", "id-on-xmppAddr", "XmppAddr"),
    ("1.3.6.1.5.5.7.8.7", "id-on-dnsSRV", "SRVName"),
    ("1.3.6.1.5.5.7.8.8", "id-on-NAIRealm", "NAIRealm"),
    ("1.3.6.1.5.5.7.8.9", "id-on-SmtpUTF8Mailbox", "Smtp UTF8 Mailbox"),
];

/// Signature algorithms: object identifier, long name.
const SIGNATURES: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.3", "md4WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "rsassaPss"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption"),
    ("1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsaWithSHA1"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("2.16.840.1.101.3.4.3.1", "dsa_with_SHA224"),
    ("2.16.840.1.101.3.4.3.2", "dsa_with_SHA256"),
    ("2.16.840.1.101.3.4.3.3", "dsa_with_SHA384"),
    ("2.16.840.1.101.3.4.3.4", "dsa_with_SHA512"),
    ("2.16.840.1.101.3.4.3.5", "dsa_with_SHA3-224"),
    ("2.16.840.1.101.3.4.3.6", "dsa_with_SHA3-256"),
    ("2.16.840.1.101.3.4.3.7", "dsa_with_SHA3-384"),
    ("2.16.840.1.101.3.4.3.8", "dsa_with_SHA3-512"),
    ("2.16.840.1.101.3.4.3.9", "ecdsa_with_SHA3-224"),
    ("2.16.840.1.101.3.4.3.10", "ecdsa_with_SHA3-256"),
    ("2.16.840.1.101.3.4.3.11", "ecdsa_with_SHA3-384"),
    ("2.16.840.1.101.3.4.3.12", "ecdsa_with_SHA3-512"),
    ("2.16.840.1.101.3.4.3.13", "RSA-SHA3-224"),
    ("2.16.840.1.101.3.4.3.14", "RSA-SHA3-256"),
    ("2.16.840.1.101.3.4.3.15", "RSA-SHA3-384"),
    ("2.16.840.1.101.3.4.3.16", "RSA-SHA3-512"),
    ("1.3.101.112", "ED25519"),
    ("1.3.101.113", "ED448"),
    ("1.3.14.3.2.3", "md5WithRSA"),
    ("1.3.14.3.2.13", "dsaWithSHA"),
    ("1.3.14.3.2.15", "shaWithRSAEncryption"),
    ("1.3.14.3.2.27", "dsaWithSHA1-old"),
    ("1.3.14.3.2.29", "sha1WithRSA"),
    ("1.3.36.3.3.1.2", "ripemd160WithRSA"),
    ("1.2.156.10197.1.501", "SM2-with-SM3"),
    ("1.2.156.10197.1.504", "sm3WithRSAEncryption"),
    ("1.2.643.2.2.3", "GOST R 34.11-94 with GOST R 34.10-2001"),
    ("1.2.643.2.2.4", "GOST R 34.11-94 with GOST R 34.10-94"),
    ("1.2.643.7.1.1.3.2", "GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)"),
    ("1.2.643.7.1.1.3.3", "GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"),
    ("2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f"),
    ("2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s"),
    ("2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f"),
    ("2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s"),
    ("2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f"),
    ("2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s"),
    ("2.16.840.1.101.3.4.3.27", "SLH-DSA-SHAKE-128f"),
    ("2.16.840.1.101.3.4.3.28", "SLH-DSA-SHAKE-192s"),
    ("2.16.840.1.101.3.4.3.29", "SLH-DSA-SHAKE-192f"),
    ("2.16.840.1.101.3.4.3.30", "SLH-DSA-SHAKE-256s"),
    ("2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_stands_in_the_tables_twice() {
        let named = NAMED.iter().flat_map(|table| table.iter().map(|row| row.0));
        let mut all: Vec<_> = named.chain(SIGNATURES.iter().map(|row| row.0)).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn no_name_in_rfc_4514_text_means_two_things() {
        let names = ATTRIBUTES.iter().filter_map(|row| rfc4514(row.0)).map(str::to_lowercase);
        let mut all: Vec<_> = names.collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn each_question_has_its_name() {
        assert_eq!(long("2.5.4.6"), "countryName");
        assert_eq!(long("1.3.6.1.4.1.311.20.2.3"), "Microsoft User Principal Name");
        assert_eq!(long("1.2.840.10045.2.1"), "id-ecPublicKey");
        assert_eq!(long("1.2.3.4"), "1.2.3.4");
        assert_eq!(purpose("1.3.6.1.5.5.7.3.1"), "serverAuth");
        assert_eq!(purpose("2.5.4.6"), "2.5.4.6");
        assert_eq!(signature("1.2.840.113549.1.1.11"), "sha256WithRSAEncryption");
        assert_eq!(signature("2.16.840.1.101.3.4.3.18"), "ML-DSA-65");
        assert_eq!(rfc4514("2.5.4.9"), Some("STREET"));
        assert_eq!(rfc4514("1.2.840.113549.1.9.1"), Some("emailAddress"));
        assert_eq!(rfc4514("1.3.6.1.5.5.7.3.1"), None);
        assert_eq!(rfc4514("0.9.2342.19200300.100.1.44"), None);
    }
}
