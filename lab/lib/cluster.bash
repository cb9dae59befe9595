# The control plane: keys, etcd, API server, controller manager, scheduler; to be sourced after process.bash.
# shellcheck shell=bash

# Makes the certificate $1 for subject $2, signed by the lab's authority; further arguments are extension lines.
make_certificate() {
  local name=$1 subject=$2
  shift 2
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" \
    -keyout "$state/keys/$name.key" -out "$state/keys/$name.csr" 2>/dev/null
  openssl x509 -req -days 3650 -in "$state/keys/$name.csr" -CA "$state/keys/ca.crt" -CAkey "$state/keys/ca.key" \
    -out "$state/keys/$name.crt" -extfile <(printf '%s\n' "$@") 2>/dev/null
  rm "$state/keys/$name.csr"
}

# Writes a kubeconfig for certificate $1 and server $2 to file $3.
make_kubeconfig() {
  local name=$1 server=$2 file=$3
  cat >"$file" <<YAML
apiVersion: v1
kind: Config
current-context: lab
clusters:
- name: lab
  cluster: {server: "$server", certificate-authority-data: $(base64 -w0 <"$state/keys/ca.crt")}
users:
- name: $name
  user:
    client-certificate-data: $(base64 -w0 <"$state/keys/$name.crt")
    client-key-data: $(base64 -w0 <"$state/keys/$name.key")
contexts:
- name: lab
  context: {cluster: lab, user: $name}
YAML
}

make_keys() {
  local -a names=(DNS:localhost DNS:kubernetes DNS:kubernetes.default DNS:kubernetes.default.svc IP:127.0.0.1 IP:10.96.0.1)
  local third
  # Any node that may be added later reaches the API server at its own gateway.
  for ((third = 2; third < 64; third++)); do names+=("IP:10.0.$third.2"); done
  mkdir -p "$state/keys"
  chmod 700 "$state/keys"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=lab \
    -keyout "$state/keys/ca.key" -out "$state/keys/ca.crt" 2>/dev/null
  openssl genrsa -out "$state/keys/service-accounts.key" 2048 2>/dev/null
  make_certificate apiserver /CN=kube-apiserver "subjectAltName=$(IFS=,; echo "${names[*]}")" extendedKeyUsage=serverAuth
  make_certificate apiserver-kubelet /O=system:masters/CN=kube-apiserver extendedKeyUsage=clientAuth
  make_certificate admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
  make_certificate controller-manager /CN=system:kube-controller-manager extendedKeyUsage=clientAuth
  make_certificate scheduler /CN=system:kube-scheduler extendedKeyUsage=clientAuth
  make_certificate multus /CN=multus extendedKeyUsage=clientAuth
  ssh-keygen -q -t ed25519 -N '' -C lab -f "$state/keys/ssh"
  ssh-keygen -q -t ed25519 -N '' -C lab-node -f "$state/keys/ssh_host_key"
}

start_etcd() {
  spawn etcd "$kubernetes/etcd" --data-dir="$state/etcd" --log-level=warn --unsafe-no-fsync \
    --listen-client-urls="http://127.0.0.1:$etcd_port" --advertise-client-urls="http://127.0.0.1:$etcd_port" \
    --listen-peer-urls="http://127.0.0.1:$etcd_peer_port" --initial-advertise-peer-urls="http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster="default=http://127.0.0.1:$etcd_peer_port"
}

start_api_server() {
  spawn apiserver "$kubernetes/kube-apiserver" --bind-address=127.0.0.1 --secure-port="$api_port" \
    --etcd-servers="http://127.0.0.1:$etcd_port" --advertise-address="10.0.$first_subnet.2" \
    --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true --profiling=false \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --client-ca-file="$state/keys/ca.crt" \
    --tls-cert-file="$state/keys/apiserver.crt" --tls-private-key-file="$state/keys/apiserver.key" \
    --kubelet-preferred-address-types=InternalIP \
    --kubelet-client-certificate="$state/keys/apiserver-kubelet.crt" \
    --kubelet-client-key="$state/keys/apiserver-kubelet.key" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-signing-key-file="$state/keys/service-accounts.key" \
    --service-account-key-file="$state/keys/service-accounts.key"
}

start_controllers() {
  spawn controller-manager "$kubernetes/kube-controller-manager" --kubeconfig="$state/keys/controller-manager.kubeconfig" \
    --bind-address=127.0.0.1 --secure-port="$controller_manager_port" --leader-elect=false --profiling=false \
    --service-account-private-key-file="$state/keys/service-accounts.key" --root-ca-file="$state/keys/ca.crt" \
    --use-service-account-credentials=true
  spawn scheduler "$kubernetes/kube-scheduler" --kubeconfig="$state/keys/scheduler.kubeconfig" \
    --bind-address=127.0.0.1 --secure-port="$scheduler_port" --leader-elect=false --profiling=false
}

await_api_server() {
  local deadline=$((SECONDS + 60))
  until kubectl get --raw /readyz >/dev/null 2>&1; do
    must_run etcd
    must_run apiserver
    ((SECONDS < deadline)) || {
      tail -n 20 "$state/logs/apiserver.log" >&2
      die "the API server is not ready after 60 s (log: $state/logs/apiserver.log)"
    }
    sleep 0.2
  done
}

kubectl() { "$cli/kubectl" --kubeconfig="$state/admin.kubeconfig" "$@"; }
