/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The table of net/firewall.h as it is laid out: for its rooms alone. */

#include "base/err.h"
#include "sys/nft.h"

extern const struct nft_table firewall_table;

/* The sets, by what they are for. */
#define FIREWALL_BRIDGES   "bridges"   /* the bridges of all networks */
#define FIREWALL_INTERNAL  "internal"  /* those of internal ones */
#define FIREWALL_OPEN	   "open"      /* those of open ones */
#define FIREWALL_SAME	   "same"      /* bridge . the same bridge */
#define FIREWALL_APART	   "apart"     /* so too, where that is no way */
#define FIREWALL_SUBNETS4  "subnets4"  /* the subnets of all networks */
#define FIREWALL_SUBNETS6  "subnets6"
#define FIREWALL_ROUTED4   "routed4"   /* those whose addresses are seen outside */
#define FIREWALL_ROUTED6   "routed6"
#define FIREWALL_OWN4	   "own4"      /* subnet . its bridge */
#define FIREWALL_OWN6	   "own6"
#define FIREWALL_ADDRESS4  "address_ports4" /* address . protocol . port : address . port */
#define FIREWALL_ADDRESS6  "address_ports6"
#define FIREWALL_PORTS4	   "ports4"    /* protocol . port : address . port */
#define FIREWALL_PORTS6	   "ports6"

#define FIREWALL_GUARD "guard" /* a chain: see firewall_guard */

/* 1: it stands, whole and of this layout; 2: so it does, with the rule of the guard; 0: it does
 * not. */
int firewall_layout_stands(struct nft *nft, struct err *err);

/* Make it, leaving `user` alone; with is_reset also if it stands. -ERESTART: the rules changed
 * meanwhile. */
int firewall_layout_make(struct nft *nft, bool is_reset, struct err *err);

/* Add the rule of the guard. */
void firewall_layout_guard(struct nft_batch *batch);
