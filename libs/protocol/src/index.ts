// The pure state machines of a cluster: who is there, who leads, what is shared.
export {};
