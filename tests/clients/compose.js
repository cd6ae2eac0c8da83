// Composes the subgraph whose SDL is read, {sdl}, with one of reviews, and prints what came out.
import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { print, readAll } from './lines.js';

const { sdl } = await readAll();
const reviews = readFileSync(new URL('reviews.graphql', import.meta.url), 'utf8');
const { errors = [], supergraphSdl } = composeServices([
  { name: 'connects', url: 'http://127.0.0.1:1/graphql', typeDefs: parse(sdl) },
  { name: 'reviews', url: 'http://127.0.0.1:2/graphql', typeDefs: parse(reviews) },
]);
print({ errors: errors.map(({ message }) => message), supergraph: supergraphSdl });
