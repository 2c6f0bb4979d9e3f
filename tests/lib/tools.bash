# SPDX-License-Identifier: Apache-2.0
#
# compile_tool SOURCE PROGRAM: a program of tests/lib, which needs nothing where it runs. One whose
# name ends in 32 is for processors of 32 bits; the kernel's headers are the same for both.

compile_tool() {
	local -a options=(-O1 -Wall -Wextra -static)

	[[ $1 != *32.c ]] || options+=(-m32 -idirafter /usr/include/x86_64-linux-gnu)
	gcc "${options[@]}" -o "$2" "$1"
}
