// SPDX-License-Identifier: LGPL-2.1-or-later
// The fixed parts of a UC bind, see docs/firmware-format.md

#[repr(u16le)]
#[derive(ToString)]
enum FuUcBindField {
    Invalid = 0x0000,
    Vendor = 0x0001,
    Model = 0x0002,
    PartNumber = 0x0003,
    Version = 0x0004,
    HardwareLevels = 0x0005,
    MinimumVersion = 0x0006,
    Locale = 0x0007,
    Kind = 0x0008,
    Payload = 0x0009,
    Signature = 0x000A,
}

#[repr(u8)]
#[derive(ToString, FromString)]
enum FuUcBindCompression {
    None,
    Zstd,
}

#[derive(New, ParseStream, ValidateStream, Default)]
#[repr(C, packed)]
struct FuStructUcBind {
    magic: [char; 8] == "UC-BIND!",
    format_version: u16le,
    field_count: u16le,
    header_size: u32le, // with the fields and the checksum
}

// the last bytes of a RAUC bundle
#[derive(ParseStream)]
#[repr(C, packed)]
struct FuStructUcRaucTrailer {
    signature_size: u64be,
}

#[derive(New, Parse)]
#[repr(C, packed)]
struct FuStructUcBindField {
    type: u16le, // bit 15 is "critical"
    length: u16le,
}

#[derive(New, Parse)]
#[repr(C, packed)]
struct FuStructUcBindLevels {
    first: u16le,
    last: u16le,
}

#[derive(New, Parse)]
#[repr(C, packed)]
struct FuStructUcBindPayload {
    size: u64le,
    sha256: [u8; 32],
    installed_size: u64le,
    installed_sha256: [u8; 32],
    compression: FuUcBindCompression,
    name_length: u8,
    target_length: u8,
    reserved: u8,
}
