/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Options of docker's and podman's `run` that can't be had, each with the reason: who types one is
 * told that, and not that there is no such option.
 */

#define CONTAINER_REFUSALS                                                                      \
	REFUSED_NETWORK, REFUSED_HEALTH, REFUSED_LATER, REFUSED_OTHERWISE, REFUSED_ELSEWHERE

#define REFUSED_NETWORK                                                                         \
	OPT_REFUSED("link", "containers on one network find each other by their names"),        \
	OPT_REFUSED("link-local-ip", "an interface has the link-local address of its hardware")

#define NO_HEALTH "there are no health checks yet"

#define REFUSED_HEALTH                                                                          \
	OPT_REFUSED("health-cmd", NO_HEALTH), OPT_REFUSED("health-interval", NO_HEALTH),        \
	OPT_REFUSED("health-on-failure", NO_HEALTH), OPT_REFUSED("health-retries", NO_HEALTH),  \
	OPT_REFUSED("health-start-interval", NO_HEALTH),                                        \
	OPT_REFUSED("health-start-period", NO_HEALTH),                                          \
	OPT_REFUSED("health-timeout", NO_HEALTH), OPT_REFUSED("no-healthcheck", NO_HEALTH)

/* What is to come. */
#define REFUSED_LATER                                                                           \
	OPT_REFUSED("restart", "nobody starts a container again yet: systemd can"),             \
	OPT_REFUSED("storage-opt", "how much a container writes can't be limited yet"),         \
	OPT_REFUSED("volume-driver", "there are no named volumes yet"),                         \
	OPT_REFUSED("image-volume", "what an image calls a volume is one of the container's"),  \
	OPT_REFUSED("secret", "there are no secrets yet: --volume shows a file"),               \
	OPT_REFUSED("gpus", "name the devices with --device"),                                  \
	OPT_REFUSED("pod", "there are no pods"),                                                \
	OPT_REFUSED("pod-id-file", "there are no pods"),                                        \
	OPT_REFUSED("requires", "there is no order of containers yet: systemd has one"),        \
	OPT_REFUSED("replace", "say 'rm --force NAME' first"),                                  \
	OPT_REFUSED("rmi", "say 'rmi IMAGE' afterwards"),                                       \
	OPT_REFUSED("systemd", "say what it needs: --tmpfs /run --stop-signal RTMIN+3"),        \
	OPT_REFUSED("chrootdirs", "there is no directory of other roots")

/* What is had by other words. */
#define REFUSED_OTHERWISE                                                                       \
	OPT_REFUSED("env-host", "name each variable with --env, without a value"),              \
	OPT_REFUSED("env-merge", "the shell can put together what --env is given"),             \
	OPT_REFUSED("http-proxy", "say --env http_proxy --env https_proxy --env no_proxy"),     \
	OPT_REFUSED("passwd", "the passwd of an image is never changed"),                       \
	OPT_REFUSED("passwd-entry", "the passwd of an image is never changed"),                 \
	OPT_REFUSED("hostuser", "the passwd of an image is never changed"),                     \
	OPT_REFUSED("pidfile", "'tare inspect' tells the pid of its first process"),            \
	OPT_REFUSED("conmon-pidfile", "the monitor is the parent of its first process"),        \
	OPT_REFUSED("init-path", "--init runs tare-init, and no other"),                        \
	OPT_REFUSED("cgroups", "every container has cgroups of its own"),                       \
	OPT_REFUSED("cgroup-conf", "limits have options of their own, as --memory"),            \
	OPT_REFUSED("seccomp-policy", "say --security-opt seccomp=FILE"),                       \
	OPT_REFUSED("sdnotify", "NOTIFY_SOCKET is passed on: who runs inside says it is ready"),\
	OPT_REFUSED("uidmap", "which ids a container has is chosen for it"),                    \
	OPT_REFUSED("gidmap", "which ids a container has is chosen for it"),                    \
	OPT_REFUSED("subuidname", "which ids a container has is chosen for it"),                \
	OPT_REFUSED("subgidname", "which ids a container has is chosen for it"),                \
	OPT_REFUSED("arch", "say --platform linux/ARCH"),                                       \
	OPT_REFUSED("variant", "say --platform linux/ARCH/VARIANT"),                            \
	OPT_REFUSED("os", "say --platform OS/ARCH"),                                            \
	OPT_REFUSED("authfile", "'tare pull --authfile' fetches the image"),                    \
	OPT_REFUSED("tls-verify", "'tare pull --tls-verify' fetches the image"),                \
	OPT_REFUSED("disable-content-trust", "signatures of images are not checked"),           \
	OPT_REFUSED("use-api-socket", "there is no socket to share"),                           \
	OPT_REFUSED("personality", "setarch(8) of the image's sets it")

/* What this kernel or this machine does not have. */
#define REFUSED_ELSEWHERE                                                                       \
	OPT_REFUSED("cpu-rt-period", "real-time groups are on cgroup v1 only, and few kernels"),\
	OPT_REFUSED("cpu-rt-runtime", "real-time groups are on cgroup v1 only, and few kernels"),\
	OPT_REFUSED("kernel-memory", "kernels have no such limit any more: --memory counts it"),\
	OPT_REFUSED("cpu-count", "is for Windows"),                                             \
	OPT_REFUSED("cpu-percent", "is for Windows"),                                           \
	OPT_REFUSED("io-maxbandwidth", "is for Windows"),                                       \
	OPT_REFUSED("io-maxiops", "is for Windows")
