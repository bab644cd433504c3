/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address_tbl: addresses that are not of the public internet, after IANA's
 * registries of special-purpose addresses (RFC 6890 and what updates it).
 *
 * ADDRESS4: four bytes and the prefix' length.  ADDRESS6: the first four
 * groups and the prefix' length, at most 64.  What of IPv6 lies outside of
 * 2000::/3 is refused without a row; the rows there only say its name.
 * EMBED6: six groups and a prefix' length; an address that begins so is
 * reached as the IPv4 address at that byte, and is judged by it.
 */
/* clang-format off */
#ifdef ADDRESS4
/*        a    b    c    d   bits  what */
ADDRESS4(  0,   0,   0,   0,    8, "unspecified")
ADDRESS4( 10,   0,   0,   0,    8, "private")
ADDRESS4(100,  64,   0,   0,   10, "private") /* of a carrier's NAT */
ADDRESS4(127,   0,   0,   0,    8, "loopback")
ADDRESS4(169, 254,   0,   0,   16, "link-local")
ADDRESS4(172,  16,   0,   0,   12, "private")
ADDRESS4(192,   0,   0,   0,   24, "reserved")
ADDRESS4(192,   0,   2,   0,   24, "reserved") /* for documentation */
ADDRESS4(192,  88,  99,   0,   24, "reserved") /* was the way into 6to4 */
ADDRESS4(192, 168,   0,   0,   16, "private")
ADDRESS4(198,  18,   0,   0,   15, "reserved") /* for benchmarks */
ADDRESS4(198,  51, 100,   0,   24, "reserved")
ADDRESS4(203,   0, 113,   0,   24, "reserved")
ADDRESS4(224,   0,   0,   0,    4, "multicast")
ADDRESS4(240,   0,   0,   0,    4, "reserved") /* and broadcast */
#undef ADDRESS4
#endif
#ifdef ADDRESS6
/*        g0      g1      g2      g3      bits  what */
ADDRESS6(0x0100, 0x0000, 0x0000, 0x0000,   64, "reserved") /* discarded */
ADDRESS6(0x2001, 0x0000, 0x0000, 0x0000,   23, "reserved") /* with Teredo */
ADDRESS6(0x2001, 0x0db8, 0x0000, 0x0000,   32, "reserved")
ADDRESS6(0x3fff, 0x0000, 0x0000, 0x0000,   20, "reserved")
ADDRESS6(0x64,   0xff9b, 0x0001, 0x0000,   48, "private") /* local NAT64 */
ADDRESS6(0xfc00, 0x0000, 0x0000, 0x0000,    7, "private")
ADDRESS6(0xfe80, 0x0000, 0x0000, 0x0000,   10, "link-local")
ADDRESS6(0xfec0, 0x0000, 0x0000, 0x0000,   10, "private")
ADDRESS6(0xff00, 0x0000, 0x0000, 0x0000,    8, "multicast")
#undef ADDRESS6
#endif
#ifdef EMBED6
/*      g0      g1      g2      g3      g4      g5      bits  at */
EMBED6(0x0000, 0x0000, 0x0000, 0x0000, 0x0000, 0xffff,   96, 12) /* mapped */
EMBED6(0x0064, 0xff9b, 0x0000, 0x0000, 0x0000, 0x0000,   96, 12) /* NAT64 */
EMBED6(0x2002, 0x0000, 0x0000, 0x0000, 0x0000, 0x0000,   16,  2) /* 6to4 */
#undef EMBED6
#endif
/* clang-format on */
