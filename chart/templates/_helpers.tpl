{{- define "sriov.name" -}}
{{- default "sriov-network-operator" .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sriov.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "sriov.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sriov.labels" -}}
app.kubernetes.io/name: {{ include "sriov.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Secrets may be given as names or as upstream's objects with a name. */ -}}
{{- define "sriov.pullSecretNames" -}}
{{- $names := list -}}
{{- range .Values.imagePullSecrets -}}
{{- $names = append $names (kindIs "map" . | ternary (get (kindIs "map" . | ternary . dict) "name") .) -}}
{{- end -}}
{{- join "," $names -}}
{{- end -}}

{{- define "sriov.imagePullSecrets" -}}
{{- with include "sriov.pullSecretNames" . }}
imagePullSecrets:
{{- range splitList "," . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sriov.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "sriov.refuseUnsupported" -}}
{{- if .Values.operator.admissionControllers.enabled -}}
{{- fail "operator.admissionControllers.enabled: the webhooks are not supported by this version" -}}
{{- end -}}
{{- if .Values.operator.metricsExporter.prometheusOperator.enabled -}}
{{- fail "operator.metricsExporter.prometheusOperator.enabled: the metrics exporter is not supported by this version" -}}
{{- end -}}
{{- if ne .Values.operator.clusterType "kubernetes" -}}
{{- fail (printf "operator.clusterType: %s is not supported by this version; use kubernetes" .Values.operator.clusterType) -}}
{{- end -}}
{{- end -}}
