// Watching and steering a cluster over HTTP.
export {};
