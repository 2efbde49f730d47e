//! Definition and repetition levels (Parquet format, "Nested Encoding"; the record shredding of the Dremel
//! paper). They are computed on the way down, once for all leaves below a node.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field};

/// One leaf column of a batch.
#[derive(Debug)]
pub struct Leaf {
    pub array: ArrayRef,
    pub slots: Slots,
}

/// Where the values of a node stand among its levels: one slot for each value, null, and empty list.
#[derive(Debug, Clone)]
pub struct Slots {
    pub count: usize,
    pub definition: Levels,
    /// None above the first list: every slot begins a row.
    pub repetition: Option<Arc<Vec<u8>>>,
    /// Elements of the node's array that have a slot at the highest definition level, in order.
    pub present: Present,
    pub max_definition: u8,
    pub max_repetition: u8,
}

/// Levels of all slots.
#[derive(Debug, Clone)]
pub enum Levels {
    Uniform(u8),
    Each(Arc<Vec<u8>>),
}

/// Elements of an array.
#[derive(Debug, Clone)]
pub enum Present {
    Range { start: usize, count: usize },
    Indices(Arc<Vec<u32>>),
}

/// The leaves of a column, in the order of its Parquet schema. `field` says what may be null.
pub fn leaves(field: &Field, array: &ArrayRef) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    descend(field, array, Slots::rows(array.len()), &mut leaves);
    leaves
}

fn descend(field: &Field, array: &ArrayRef, slots: Slots, leaves: &mut Vec<Leaf>) {
    match field.data_type() {
        DataType::Struct(fields) => {
            let slots = slots.enter(field, array.nulls());
            for (field, child) in fields.iter().zip(array.as_struct().columns()) {
                descend(field, child, slots.clone(), leaves);
            }
        }
        DataType::List(element) => {
            let list = array.as_list::<i32>();
            let slots = slots.repeat(field, list.nulls(), list.value_offsets());
            descend(element, list.values(), slots, leaves);
        }
        DataType::Map(entries, _) => {
            let map = array.as_map();
            let slots = slots.repeat(field, map.nulls(), map.value_offsets());
            let pairs: ArrayRef = Arc::new(map.entries().clone());
            descend(entries, &pairs, slots, leaves);
        }
        _ => leaves.push(Leaf {
            array: array.clone(),
            slots: slots.enter(field, array.nulls()),
        }),
    }
}

impl Slots {
    /// One slot a row.
    fn rows(count: usize) -> Self {
        Self {
            count,
            definition: Levels::Uniform(0),
            repetition: None,
            present: Present::Range { start: 0, count },
            max_definition: 0,
            max_repetition: 0,
        }
    }

    /// Below a value that may be null, if its field says so.
    fn enter(self, field: &Field, nulls: Option<&NullBuffer>) -> Self {
        if !field.is_nullable() {
            return self;
        }
        match nulls.filter(|nulls| nulls.null_count() > 0) {
            Some(nulls) => self.without_nulls(nulls),
            None => self.all_valid(),
        }
    }

    fn all_valid(self) -> Self {
        let above = self.max_definition;
        let definition = match &self.definition {
            Levels::Uniform(level) => Levels::Uniform(level + u8::from(*level == above)),
            Levels::Each(levels) => {
                let raised = levels.iter().map(|level| level + u8::from(*level == above));
                Levels::Each(Arc::new(raised.collect()))
            }
        };
        Self {
            definition,
            max_definition: above + 1,
            ..self
        }
    }

    fn without_nulls(self, nulls: &NullBuffer) -> Self {
        let above = self.max_definition;
        let (definition, present) = match (&self.definition, &self.present) {
            (Levels::Uniform(level), Present::Range { start, count }) if *level == above => {
                let nulls = nulls.slice(*start, *count);
                let levels = nulls.iter().map(|valid| above + u8::from(valid)).collect();
                let valid = nulls.valid_indices().map(|index| (start + index) as u32);
                (levels, valid.collect())
            }
            _ => {
                let mut elements = self.present.iter();
                let mut valid = Vec::new();
                let levels = (0..self.count).map(|slot| {
                    let level = self.definition.at(slot);
                    let element = if level == above {
                        elements.next()
                    } else {
                        None
                    };
                    match element {
                        Some(element) if nulls.is_valid(element) => {
                            valid.push(element as u32);
                            above + 1
                        }
                        _ => level,
                    }
                });
                (levels.collect(), valid)
            }
        };
        Self {
            definition: Levels::Each(Arc::new(definition)),
            present: Present::Indices(Arc::new(present)),
            max_definition: above + 1,
            ..self
        }
    }

    /// The elements of lists (or maps) that stand at `offsets`.
    fn repeat(self, field: &Field, nulls: Option<&NullBuffer>, offsets: &[i32]) -> Self {
        let above = self.max_definition;
        let empty = above + u8::from(field.is_nullable());
        let (element, again) = (empty + 1, self.max_repetition + 1);
        let mut lists = self.present.iter();
        let mut levels = Vec::with_capacity(self.count);
        let mut repetition = Vec::with_capacity(self.count);
        let mut spans = Spans::default();
        for slot in 0..self.count {
            let begins = self.repetition.as_ref().map_or(0, |levels| levels[slot]);
            let level = self.definition.at(slot);
            let list = if level == above { lists.next() } else { None };
            let span = list
                .filter(|list| nulls.is_none_or(|nulls| nulls.is_valid(*list)))
                .map(|list| offsets[list] as usize..offsets[list + 1] as usize);
            repetition.push(begins);
            match span {
                None => levels.push(level),
                Some(span) if span.is_empty() => levels.push(empty),
                Some(span) => {
                    levels.resize(levels.len() + span.len(), element);
                    repetition.resize(levels.len(), again);
                    spans.add(span);
                }
            }
        }
        Self {
            count: levels.len(),
            definition: Levels::Each(Arc::new(levels)),
            repetition: Some(Arc::new(repetition)),
            present: spans.present(),
            max_definition: element,
            max_repetition: again,
        }
    }
}

impl Levels {
    fn at(&self, slot: usize) -> u8 {
        match self {
            Self::Uniform(level) => *level,
            Self::Each(levels) => levels[slot],
        }
    }
}

impl Present {
    fn iter(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::Range { start, count } => Box::new(*start..start + count),
            Self::Indices(indices) => Box::new(indices.iter().map(|index| *index as usize)),
        }
    }
}

/// Ranges one after the other: one range as long as they adjoin, which lists without gaps do.
#[derive(Default)]
struct Spans {
    start: usize,
    end: usize,
    /// Once there was a gap.
    indices: Option<Vec<u32>>,
}

impl Spans {
    fn add(&mut self, span: std::ops::Range<usize>) {
        if let Some(indices) = &mut self.indices {
            indices.extend(span.map(|index| index as u32));
        } else if self.start == self.end {
            (self.start, self.end) = (span.start, span.end);
        } else if span.start == self.end {
            self.end = span.end;
        } else {
            let known = (self.start..self.end).chain(span);
            self.indices = Some(known.map(|index| index as u32).collect());
        }
    }

    fn present(self) -> Present {
        match self.indices {
            Some(indices) => Present::Indices(Arc::new(indices)),
            None => Present::Range {
                start: self.start,
                count: self.end - self.start,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int32Array, ListArray, StructArray};
    use arrow::buffer::OffsetBuffer;
    use arrow::datatypes::Int32Type;

    use super::*;

    fn each(levels: &Levels, count: usize) -> Vec<u8> {
        (0..count).map(|slot| levels.at(slot)).collect()
    }

    fn only(field: &Field, array: ArrayRef) -> (Vec<u8>, Option<Vec<u8>>, Vec<usize>) {
        let leaves = leaves(field, &array);
        let slots = &leaves[0].slots;
        (
            each(&slots.definition, slots.count),
            slots.repetition.as_deref().cloned(),
            slots.present.iter().collect(),
        )
    }

    #[test]
    fn flat_columns() {
        let field = |nullable| Field::new("a", DataType::Int32, nullable);
        let full: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
        assert_eq!(
            only(&field(false), full.clone()),
            (vec![0, 0], None, vec![0, 1])
        );
        assert_eq!(only(&field(true), full), (vec![1, 1], None, vec![0, 1]));
        let nulls = Int32Array::from(vec![None, Some(2), None, Some(4)]);
        let sliced: ArrayRef = Arc::new(nulls.slice(1, 3));
        assert_eq!(
            only(&field(true), sliced),
            (vec![1, 0, 1], None, vec![0, 2])
        );
    }

    #[test]
    fn lists_of_lists() {
        // [[1, 2], []], null, [], [null, [3]] as in the Dremel paper's manner
        let inner = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![
            Some(vec![Some(1), Some(2)]),
            Some(vec![]),
            None,
            Some(vec![Some(3)]),
        ]);
        let element = Arc::new(Field::new("element", inner.data_type().clone(), true));
        let outer = ListArray::new(
            element.clone(),
            OffsetBuffer::new(vec![0, 2, 2, 2, 4].into()),
            Arc::new(inner),
            Some(vec![true, false, true, true].into()),
        );
        let field = Field::new("a", DataType::List(element), true);
        let (definition, repetition, present) = only(&field, Arc::new(outer));
        assert_eq!(definition, [5, 5, 3, 0, 1, 2, 5]);
        assert_eq!(repetition.unwrap(), [0, 2, 1, 0, 0, 0, 1]);
        assert_eq!(present, [0, 1, 2]);
    }

    #[test]
    fn values_below_null_structs_are_left_out() {
        let child: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
        let fields = vec![Arc::new(Field::new("b", DataType::Int32, true))];
        let parent = StructArray::new(
            fields.clone().into(),
            vec![child],
            Some(vec![false, true, true].into()),
        );
        let field = Field::new("a", DataType::Struct(fields.into()), true);
        assert_eq!(
            only(&field, Arc::new(parent)),
            (vec![0, 1, 2], None, vec![2])
        );
    }

    #[test]
    fn null_lists_that_hold_elements_leave_gaps() {
        let values: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
        let element = Arc::new(Field::new("element", DataType::Int32, true));
        let list = ListArray::new(
            element.clone(),
            OffsetBuffer::new(vec![0, 1, 2, 3].into()),
            values,
            Some(vec![true, false, true].into()),
        );
        let field = Field::new("a", DataType::List(element), true);
        let (definition, repetition, present) = only(&field, Arc::new(list));
        assert_eq!(
            (definition, repetition.unwrap()),
            (vec![3, 0, 3], vec![0, 0, 0])
        );
        assert_eq!(present, [0, 2]);
    }
}
