// The items of a list as an array, which Array.fromAsync gives only from Node 22 on.

/** @template Item @param {AsyncIterable<Item>} list @returns {Promise<Item[]>} */
export async function allItems(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}
