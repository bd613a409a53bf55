// Discovery and leadership through the Kubernetes API.
export {};
