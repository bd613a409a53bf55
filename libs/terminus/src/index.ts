// The state of the cluster as a terminus health indicator.
export {};
