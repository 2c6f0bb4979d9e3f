# config.json as podman asks an OCI runtime for it: six namespaces, seven mounts, ten masked and
# five read-only paths, a devices rule, a pids limit, eleven capabilities.
#
#	jq -n -f bench/config.jq --arg cgroup /parent/name --argjson args '["/bin/true"]' \
#		--argjson seccomp null --arg machine x86_64
#
# A seccomp profile is given in the engine's form (seccomp.json of containers-common), and resolved
# here for these capabilities and this machine's ABI, as the engine does.

def caps:
	["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP",
	 "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"] | map("CAP_" + .);

def asked($arch):
	((.includes.caps // []) - caps | length == 0)
	and ((.includes.arches // [$arch]) | any(. == $arch))
	and ((.excludes.caps // []) | all(. as $cap | caps | index($cap) == null))
	and ((.excludes.arches // []) | all(. != $arch));

def resolve($oci_arch; $arch):
	{ defaultAction, defaultErrnoRet,
	  architectures: (.archMap | map(select(.architecture == $oci_arch))
		| map(.architecture, .subArchitectures[])),
	  syscalls: [.syscalls[] | select(asked($arch))
		| { names, action } + (if .errnoRet then { errnoRet } else {} end)
		  + (if (.args // []) != [] then { args } else {} end)] };

def mount($to; $type; $options):
	{ destination: $to, type: $type, source: $type, options: $options };

{
	ociVersion: "1.0.2",
	process: {
		user: { uid: 0, gid: 0 }, cwd: "/", args: $args,
		env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
		capabilities: { bounding: caps, effective: caps, permitted: caps }
	},
	root: { path: "rootfs" },
	hostname: "bench",
	mounts: [
		mount("/proc"; "proc"; ["nosuid", "noexec", "nodev"]),
		mount("/dev"; "tmpfs"; ["nosuid", "strictatime", "mode=755", "size=65536k"]),
		mount("/sys"; "sysfs"; ["nosuid", "noexec", "nodev", "ro"]),
		mount("/dev/pts"; "devpts";
			["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
		mount("/dev/mqueue"; "mqueue"; ["nosuid", "noexec", "nodev"]),
		mount("/dev/shm"; "tmpfs";
			["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
		mount("/sys/fs/cgroup"; "cgroup"; ["nosuid", "noexec", "nodev", "relatime", "ro"])
	],
	linux: {
		cgroupsPath: $cgroup,
		namespaces: (["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({ type: . })),
		resources: {
			devices: [{ allow: false, access: "rwm" }],
			pids: { limit: 2048 }
		},
		maskedPaths: ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
			"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
			"/sys/firmware", "/sys/fs/selinux"],
		readonlyPaths: ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"]
	}
} | if $seccomp then
	.linux.seccomp = ($seccomp | if $machine == "aarch64"
		then resolve("SCMP_ARCH_AARCH64"; "arm64")
		else resolve("SCMP_ARCH_X86_64"; "amd64") end)
	else . end
