#!/usr/bin/env bash
# A cluster of one node for tests, on this machine: installs SLURM where Debian's or Ubuntu's packages are
# at hand, starts it if it is not running, and ends with 0 once it takes jobs. Needs root, or sudo that
# asks nothing. Never on a machine that has a SLURM of its own.
#
#     bash tests/slurm/one_node.sh && python -m pytest -m slurm tests/slurm
#     bash tests/slurm/one_node.sh stop
set -euo pipefail

say() { echo "one_node.sh: $*" >&2; }

root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Ours is known by this line in its configuration.
CONF=/etc/slurm/slurm.conf
OURS="ClusterName=svqvae-tests"
STATE=/var/lib/svqvae-slurm
ours() { grep -qsx "$OURS" "$CONF"; }

# Ends what runs, and forgets its jobs.
stop() {
  ours || return 0
  root scontrol shutdown 2>/dev/null || true
  for _ in $(seq 100); do
    pidof slurmd slurmctld >/dev/null || break
    sleep 0.2
  done
  root rm -rf "$STATE" "$CONF"
}

if [ "${1:-}" = stop ]; then
  stop
  exit 0
fi
if [ -e "$CONF" ] && ! ours; then
  say "$CONF is not of these tests; this machine has a SLURM of its own"
  exit 1
fi
if ours && sinfo -h -o %t 2>/dev/null | grep -qE "^(idle|mix|alloc)$"; then
  exit 0
fi
stop
if ! root true 2>/dev/null; then
  say "needs root, or sudo that asks nothing"
  exit 1
fi
if ! root which slurmctld slurmd munged >/dev/null; then
  command -v apt-get >/dev/null || { say "no apt-get to install SLURM with"; exit 1; }
  say "installing slurm-wlm and munge"
  root apt-get update -q >/dev/null
  root env DEBIAN_FRONTEND=noninteractive apt-get install -qy slurm-wlm munge >/dev/null
fi

# Where systemd runs, packages start services of their own.
if [ -d /run/systemd/system ]; then
  root systemctl stop slurmctld slurmd 2>/dev/null || true
fi
if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
  root mkdir -p /run/munge
  root chown munge: /run/munge
  if [ "$(id -u)" = 0 ]; then runuser -u munge -- munged; else sudo -n -u munge munged; fi
fi

root mkdir -p "$(dirname "$CONF")" "$STATE/ctld" "$STATE/d"
# More cores and memory than there are: small jobs ask for more than they take. Without control groups,
# which containers do not give, slurmd itself watches memory, and kills what takes more than it asked for.
MEMORY=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))
root tee "$CONF" >/dev/null <<END
$OURS
SlurmctldHost=$(hostname -s)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$STATE/ctld
SlurmdSpoolDir=$STATE/d
SlurmctldLogFile=$STATE/slurmctld.log
SlurmdLogFile=$STATE/slurmd.log
SlurmctldPidFile=$STATE/slurmctld.pid
SlurmdPidFile=$STATE/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,defer_batch
ReturnToService=2
MinJobAge=300
KillWait=2
OverTimeLimit=0
InactiveLimit=0
SlurmdParameters=config_overrides
NodeName=$(hostname -s) CPUs=8 RealMemory=$((MEMORY * 4)) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END

root slurmctld -c
root slurmd -c
for _ in $(seq 150); do
  if [ "$(sinfo -h -o %t 2>/dev/null)" = idle ]; then
    say "SLURM $(sinfo --version | cut -d' ' -f2) takes jobs"
    exit 0
  fi
  sleep 0.2
done
say "SLURM did not start; $STATE/slurmctld.log and slurmd.log say why:"
root tail -n 20 "$STATE/slurmctld.log" "$STATE/slurmd.log" >&2 || true
exit 1
