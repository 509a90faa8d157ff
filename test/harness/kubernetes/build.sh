#!/bin/bash
# Builds the real control plane from the Go module proxy: build.sh <folder for the binaries>
set -euo pipefail
out=$1
cd "$(dirname "$0")"
if ! command -v go >/dev/null; then
  echo "Go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl), then try again" >&2
  exit 1
fi
# A workspace or vendor setting of the caller's is not meant for this module.
export CGO_ENABLED=0 GOWORK=off GOFLAGS=-buildvcs=false
version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${version#v}"
stamps=""
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  stamps+=" -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor -X $package.gitTreeState=clean"
  stamps+=" -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.buildDate=1970-01-01T00:00:00Z"
done
for binary in etcd kube-apiserver kube-controller-manager kubectl; do
  case $binary in etcd) package=go.etcd.io/etcd/server/v3 ;; *) package=k8s.io/kubernetes/cmd/$binary ;; esac
  echo "building $binary" >&2
  go build -trimpath -ldflags "-s -w$stamps" -o "$out/$binary" "$package"
done
