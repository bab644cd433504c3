/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_VERSION_H
#define CMD_VERSION_H

#define TIDEMARK_VERSION "0.1.0"

#endif
