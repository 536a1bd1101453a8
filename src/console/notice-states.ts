/** Where telling somebody stands: the worst first. */
export const noticeStates = ['exhausted', 'undeliverable', 'failing', 'pending', 'delivered'] as const
