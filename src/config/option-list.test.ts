import { parseOptionList } from './option-list';

describe('parseOptionList', () => {
  it('reads values as overrides do; the last one wins', () => {
    const texts = ['seed=3', 'image_size=[96,128]', 'cache_dir=null', 'seed=4', 'name="a b"'];
    expect(parseOptionList(texts)).toEqual({ seed: 4, image_size: [96, 128], cache_dir: null, name: 'a b' });
    expect(parseOptionList([])).toEqual({});
  });

  it.each(['+seed=3', '~seed', 'data.seed=3', 'model/obj_fn=slot', 'a@b=c'])('has no place for %s', (text) => {
    expect(() => parseOptionList([text])).toThrow(/no option of a component/);
  });

  it('asks for one value', () => {
    expect(() => parseOptionList(['seed=1,2'])).toThrow(/"seed=1,2" has several values/);
  });

  it('shows what cannot be read', () => {
    expect(() => parseOptionList(['seed'])).toThrow(/expected "="/);
  });
});
