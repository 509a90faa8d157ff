/** What the demonstration shows: twelve simulated clusters in three regions, and two applications. */

export interface DemoCluster {
  name: string;
  region: string;
  labels: Record<string, string>;
}

const cities: Record<string, string[]> = {
  'eu-central': ['frankfurt', 'warsaw', 'vienna', 'zurich'],
  'us-east': ['ashburn', 'atlanta', 'boston', 'montreal'],
  'ap-south': ['mumbai', 'chennai', 'colombo', 'singapore'],
};

export const demoClusters: DemoCluster[] = Object.entries(cities).flatMap(([region, names]) =>
  names.map((name, index) => ({
    name,
    region,
    labels: { tier: index < 3 ? 'web' : 'edge', ...(index === 0 ? { canary: 'true' } : {}) },
  })),
);

export const demoSource = 'demo';

/** Without `source.url`: that is the folder that the repository was made in. */
export const demoApplications = [
  {
    name: 'storefront',
    spec: {
      source: demoSource,
      path: 'storefront',
      namespace: 'shop',
      parameters: { replicas: 2, banner: 'Welcome from ${cluster.region}' },
      placement: { matchLabels: { tier: 'web' } },
    },
  },
  {
    name: 'telemetry',
    spec: { source: demoSource, path: 'telemetry', namespace: 'telemetry', placement: { all: true } },
  },
] as const;

export const demoFiles: Record<string, string> = {
  'README.md': `# The demonstration's repository

Two applications: \`storefront\` runs on clusters with the label tier=web, \`telemetry\` on all of them.
Change a file, commit, and watch the fleet follow: \`npx flotilla status --watch\`.
An image with the tag \`broken\` never becomes ready, and is given up after some seconds: try it, see what
\`npx flotilla status\` says, and \`git revert\` it.
`,
  '.gitignore': '*.bak\n',
  'storefront/namespace.yaml': `apiVersion: v1
kind: Namespace
metadata:
  name: shop
`,
  'storefront/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: storefront
data:
  banner: \${banner}
  cluster: \${cluster.name}
  currency: EUR
`,
  'storefront/storefront.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: storefront
spec:
  replicas: \${replicas}
  selector:
    matchLabels:
      app: storefront
  template:
    metadata:
      labels:
        app: storefront
    spec:
      containers:
        - name: web
          image: registry.example.com/shop/storefront:1.4.0
          ports:
            - containerPort: 8080
          envFrom:
            - configMapRef:
                name: storefront
---
apiVersion: v1
kind: Service
metadata:
  name: storefront
spec:
  selector:
    app: storefront
  ports:
    - port: 80
      targetPort: 8080
`,
  'telemetry/collector.yaml': `apiVersion: v1
kind: Namespace
metadata:
  name: telemetry
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: collector
data:
  labels: |
    region=\${cluster.region}
    cluster=\${cluster.name}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: collector
spec:
  selector:
    matchLabels:
      app: collector
  template:
    metadata:
      labels:
        app: collector
    spec:
      containers:
        - name: collector
          image: registry.example.com/telemetry/collector:0.9.2
`,
};
